/** Has the tests of bounds use a million of each kind of name. To be imported before them. */
process.env["NAMES"] = "1000000";
