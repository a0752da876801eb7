// Does nothing beside what its preloads do.
module.exports = {};
