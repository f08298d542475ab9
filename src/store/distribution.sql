-- Where Citus puts each table.  Written by `ninja schema` from groups.def; optional, and for Citus alone: YugabyteDB
-- spreads every table by the first column of its primary key without being told.  Once, behind `contactpoint init`
-- and before anything is loaded, as the owner of the tables:
--
--     psql --single-transaction -v ON_ERROR_STOP=1 -f distribution.sql CONNECTION

-- REFERENCE: Small, or written seldom: every node has the whole of it.

-- migration: a row for each migration.
SELECT create_reference_table('migration');
-- lease: a row for each role that one process holds.
SELECT create_reference_table('lease');
-- meta: a few facts about this instance.
SELECT create_reference_table('meta');
-- house_key: a few keys, and one for each month.
SELECT create_reference_table('house_key');
-- organisation: thousands at most, written by hand.
SELECT create_reference_table('organisation');
-- account: its name must be unique, and so must its id: no one column can spread it.
SELECT create_reference_table('account');
-- incarnation: a row for each lane of each life of a serving process.
SELECT create_reference_table('incarnation');
-- alarm: few; looked through by whom they address.
SELECT create_reference_table('alarm');
-- server: a row for each serving process.
SELECT create_reference_table('server');

-- CHILD: A child's own: all of a child's rows stand together.

-- child: a child's state and linkage bundle.
SELECT create_distributed_table('child', 'child_id', colocate_with => 'none');
-- child_key: the key that a child's rows are sealed under.
SELECT create_distributed_table('child_key', 'child_id', colocate_with => 'child');
-- claim: what is said of a child.
SELECT create_distributed_table('claim', 'child_id', colocate_with => 'child');
-- part: records that a child's record has taken in.
SELECT create_distributed_table('part', 'child_id', colocate_with => 'child');

-- GLOBAL: Rows found by a key of their own.

-- identifier_owner: found by a number's tag, whoever's it is.
SELECT create_distributed_table('identifier_owner', 'tag', colocate_with => 'none');
-- authenticator: found by its account; written at each sign-in.
SELECT create_distributed_table('authenticator', 'account_id', colocate_with => 'none');
-- sign_in_ticket: found by what stands in the browser.
SELECT create_distributed_table('sign_in_ticket', 'tag', colocate_with => 'none');
-- session: found by what stands in the browser; written at each request.
SELECT create_distributed_table('session', 'tag', colocate_with => 'none');
-- one_time_code: found by the code.
SELECT create_distributed_table('one_time_code', 'tag', colocate_with => 'none');
-- search: found by its id; written at each search.
SELECT create_distributed_table('search', 'search_id', colocate_with => 'none');
-- never_same: found by the keyed hash of a pair; few.
SELECT create_distributed_table('never_same', 'tag', colocate_with => 'none');
-- proposal: found by the keyed hash of a pair; some.
SELECT create_distributed_table('proposal', 'tag', colocate_with => 'none');
-- security_key: found by what a key sends; written at each sign-in.
SELECT create_distributed_table('security_key', 'credential_tag', colocate_with => 'none');
-- challenge: found by what a key signs.
SELECT create_distributed_table('challenge', 'tag', colocate_with => 'none');
-- enrolment: found by what stands in the browser.
SELECT create_distributed_table('enrolment', 'tag', colocate_with => 'none');
-- terms: found by its account; written once a year.
SELECT create_distributed_table('terms', 'account_id', colocate_with => 'none');
-- staff_fact: found by its account; read when that looks at a child.
SELECT create_distributed_table('staff_fact', 'account_id', colocate_with => 'none');
-- open_involvement: found by who recorded it.
SELECT create_distributed_table('open_involvement', 'recorder_tag', colocate_with => 'none');
-- matter: found by its id; few.
SELECT create_distributed_table('matter', 'matter_id', colocate_with => 'none');
-- matter_step: found by its matter; few.
SELECT create_distributed_table('matter_step', 'matter_id', colocate_with => 'none');
-- overriding: found by its session; few.
SELECT create_distributed_table('overriding', 'session_tag', colocate_with => 'none');
-- new_identity: found by its id; few.
SELECT create_distributed_table('new_identity', 'entry_id', colocate_with => 'none');
-- look: found by its account; written at each look.
SELECT create_distributed_table('look', 'account_tag', colocate_with => 'none');
-- allowance: found by its account; few.
SELECT create_distributed_table('allowance', 'account_tag', colocate_with => 'none');
-- message: found by whom it is for.
SELECT create_distributed_table('message', 'recipient_tag', colocate_with => 'none');

-- LOG: Rows added under whoever writes them, and kept together.

-- source_record: read as a whole when the source's feed is loaded.
SELECT create_distributed_table('source_record', 'source', colocate_with => 'none');
-- batch: a source's batches.
SELECT create_distributed_table('batch', 'source', colocate_with => 'source_record');
-- batch_plan: a source's batch under way.
SELECT create_distributed_table('batch_plan', 'source', colocate_with => 'source_record');
-- batch_waiting: a source's rows that wait.
SELECT create_distributed_table('batch_waiting', 'source', colocate_with => 'source_record');
-- audit_entry: numbered densely by the lane that writes them.
SELECT create_distributed_table('audit_entry', 'incarnation_id', colocate_with => 'none');
-- lane: a row for each lane, written in each of its transactions.
SELECT create_distributed_table('lane', 'lane_id', colocate_with => 'none');
-- change: numbered densely by the lane that writes them.
SELECT create_distributed_table('change', 'lane_id', colocate_with => 'lane');
