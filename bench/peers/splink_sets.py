"""How Splink is set up for each kind of data, after the examples of its own documentation.

Each set-up has more blocking rules than the example it follows, so that none of the pairs that it could find is lost
there; comparisons, term frequencies and training are the example's, or where there is none, what its guide advises.
"""
import splink.comparison_library as cl
from splink import block_on


def tf(comparison):
    return comparison.configure(term_frequency_adjustments=True)


def birth(name, form):
    return cl.DateOfBirthComparison(name, input_is_string=True, datetime_format=form)


def febrl(columns):
    """Examples "Deduplicate 5000 records (Febrl 3)" and "Link two datasets (Febrl 4)"."""
    number = "soc_sec_id" in columns
    comparisons = [
        cl.ForenameSurnameComparison("given_name", "surname"),
        birth("date_of_birth", "%Y%m%d"),
        cl.DamerauLevenshteinAtThresholds("postcode", [1, 2]),
        tf(cl.ExactMatch("street_number")),
        cl.JaroWinklerAtThresholds("address_1", [0.92, 0.8]),
        cl.JaroWinklerAtThresholds("suburb", [0.92, 0.8]),
        tf(cl.ExactMatch("state")),
    ]
    blocking = [
        block_on("given_name", "surname"), block_on("surname", "date_of_birth"), block_on("given_name", "date_of_birth"),
        block_on("given_name", "postcode"), block_on("surname", "postcode"), block_on("date_of_birth", "postcode"),
        block_on("date_of_birth"), block_on("address_1"), block_on("postcode", "street_number"),
        block_on("suburb", "street_number"), block_on("substr(surname,1,3)", "substr(given_name,1,3)"),
        "l.given_name = r.surname and l.surname = r.given_name",
    ]
    deterministic = [
        "l.given_name = r.given_name and l.surname = r.surname and l.date_of_birth = r.date_of_birth",
        "l.given_name = r.surname and l.surname = r.given_name and l.date_of_birth = r.date_of_birth",
    ]
    if number:
        comparisons.append(cl.DamerauLevenshteinAtThresholds("soc_sec_id", [1, 2]))
        blocking.append(block_on("soc_sec_id"))
        deterministic.append("l.soc_sec_id = r.soc_sec_id")
    return dict(comparisons=comparisons, blocking=blocking, deterministic=deterministic, recall=0.9,
                training=[block_on("date_of_birth"), block_on("postcode"), block_on("surname")], u_pairs=5e6)


def historical(columns):
    """Example "Deduplicate 50k rows historical persons"."""
    return dict(
        comparisons=[
            cl.ForenameSurnameComparison("first_name", "surname", forename_surname_concat_col_name="name_concat"),
            cl.DateOfBirthComparison("dob", input_is_string=True),
            cl.PostcodeComparison("postcode_fake"),
            tf(cl.ExactMatch("birth_place")),
            tf(cl.ExactMatch("occupation")),
        ],
        blocking=[
            block_on("substr(first_name,1,3)", "substr(surname,1,4)"), block_on("surname", "dob"),
            block_on("first_name", "dob"), block_on("postcode_fake", "first_name"), block_on("postcode_fake", "surname"),
            block_on("dob", "birth_place"), block_on("substr(postcode_fake,1,3)", "dob"),
            block_on("substr(postcode_fake,1,3)", "first_name"), block_on("substr(postcode_fake,1,3)", "surname"),
            block_on("substr(first_name,1,2)", "substr(surname,1,2)", "substr(dob,1,4)"),
        ],
        deterministic=[
            "l.first_name = r.first_name and l.surname = r.surname and l.dob = r.dob",
            "substr(l.first_name,1,2) = substr(r.first_name,1,2) and l.surname = r.surname "
            "and substr(l.postcode_fake,1,2) = substr(r.postcode_fake,1,2)",
            "l.dob = r.dob and l.postcode_fake = r.postcode_fake",
        ],
        recall=0.6, training=[block_on("first_name", "surname"), block_on("dob")], u_pairs=5e6)


def fake_1000(columns):
    """Tutorial "Estimating model parameters"."""
    return dict(
        comparisons=[
            tf(cl.NameComparison("first_name")), tf(cl.NameComparison("surname")),
            cl.DateOfBirthComparison("dob", input_is_string=True), tf(cl.ExactMatch("city")),
            cl.EmailComparison("email"),
        ],
        blocking=["1=1"],
        deterministic=[
            "l.first_name = r.first_name and levenshtein(r.dob, l.dob) <= 1",
            "l.surname = r.surname and levenshtein(r.dob, l.dob) <= 1",
            "l.first_name = r.first_name and levenshtein(r.surname, l.surname) <= 2",
            "l.email = r.email",
        ],
        recall=0.7, training=[block_on("first_name", "surname"), block_on("dob")], u_pairs=1e7)


def census_text(columns):
    return dict(
        comparisons=[
            tf(cl.NameComparison("surname")), tf(cl.NameComparison("first_name")), cl.ExactMatch("middle"),
            cl.LevenshteinAtThresholds("number", [1]), cl.JaroWinklerAtThresholds("street", [0.92, 0.8]),
        ],
        blocking=["1=1"],
        deterministic=["l.number = r.number and l.street = r.street and substr(l.surname,1,2) = substr(r.surname,1,2) "
                       "and substr(l.first_name,1,1) = substr(r.first_name,1,1)"],
        recall=0.6, training=[block_on("street", "number"), block_on("substr(surname,1,2)")], u_pairs=1e7)


def senzing(columns):
    return dict(
        comparisons=[
            cl.NameComparison("name"), birth("birth", "%Y-%m-%d"), cl.ExactMatch("phone"),
            cl.EmailComparison("email"), cl.JaroWinklerAtThresholds("address", [0.9, 0.75]),
            cl.ExactMatch("postcode"), cl.ExactMatch("number"),
        ],
        blocking=["1=1"],
        deterministic=["l.name = r.name and l.birth = r.birth", "l.number = r.number", "l.phone = r.phone and l.name = r.name"],
        recall=0.6, training=[block_on("name"), block_on("birth")], u_pairs=1e7)


def children(columns):
    """After NHS England's model for linking people of England: names, birth date, postcode, sex, number."""
    return dict(
        comparisons=[
            cl.ForenameSurnameComparison("given", "family", forename_surname_concat_col_name="name_concat"),
            cl.DateOfBirthComparison("birth_date", input_is_string=True), cl.PostcodeComparison("postcode"),
            cl.ExactMatch("sex"), cl.DamerauLevenshteinAtThresholds("nhs_number", [1]),
            cl.DamerauLevenshteinAtThresholds("upn", [1]), cl.ExactMatch("carer1_phone"),
        ],
        blocking=[
            block_on("nhs_number"), block_on("upn"), block_on("birth_date", "family"), block_on("birth_date", "given"),
            block_on("birth_date", "postcode"), block_on("postcode", "given"), block_on("family", "given", "substr(birth_date,1,4)"),
            block_on("postcode", "family", "substr(birth_date,1,4)"),
        ],
        deterministic=[
            "l.nhs_number = r.nhs_number", "l.upn = r.upn",
            "l.given = r.given and l.family = r.family and l.birth_date = r.birth_date and l.postcode = r.postcode",
        ],
        recall=0.8, training=[block_on("birth_date", "postcode"), block_on("family", "given")], u_pairs=2e7)


SETS = {"febrl": febrl, "historical": historical, "fake_1000": fake_1000, "census-text": census_text,
        "senzing": senzing, "children": children}
