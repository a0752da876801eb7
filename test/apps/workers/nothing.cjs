"use strict";
// Stands in for stratascope where there is none.
module.exports = {};
