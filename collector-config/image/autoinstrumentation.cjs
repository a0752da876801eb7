// The name by which the OpenTelemetry operator starts what an image holds.
require("stratascope/register");
