// The list of works sends what an earlier page could not, and is loaded anew when it could.

import { connect } from "./outbox.js";

const outbox = connect(document.querySelector("[data-outbox]"), {
  saved: () => outbox.waiting.length || location.reload(),
});
