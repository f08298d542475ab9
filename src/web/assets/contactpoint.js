/* Pages work without this; it makes govuk-frontend's components comfortable. */
import { initAll } from '/assets/govuk-frontend.min.js'

initAll()
