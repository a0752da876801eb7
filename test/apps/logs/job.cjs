// Gives a job ids of its own, sends them with what it sends, and takes that as another one would.
const { context, propagation, ROOT_CONTEXT } = require("@opentelemetry/api");
const { addLogFields, logger, withLogFields } = require("stratascope");

const log = logger("jobs");
const job = { source: "job", correlation_id: "j1", request_id: "r9", "job.queue.name": "mail" };
withLogFields(job, () => {
  setTimeout(() => {
    addLogFields({ org_id: "acme" });
    const carrier = {};
    propagation.inject(context.active(), carrier);
    log.info("first", { carrier });
    context.with(propagation.extract(ROOT_CONTEXT, carrier), () => log.info("taken"));
  }, 1);
});
log.info("outside");
addLogFields({ org_id: "nobody" });
log.info("still outside");
