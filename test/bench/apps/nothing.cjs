"use strict";
// Ends at once, as a command line tool that has nothing to do with storage.
process.disconnect();
