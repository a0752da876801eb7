// Tries to open the databases that lock-holder.cjs keeps, and says what comes of it.
const { DuckDBInstance } = require("@duckdb/node-api");

void (async () => {
  for (const file of ["held.duckdb", "attached.duckdb"])
    for (const access_mode of ["READ_WRITE", "READ_ONLY"])
      await DuckDBInstance.create(file, { access_mode }).then(
        () => console.log(file, access_mode, "opened"),
        ({ message }) =>
          console.log(file, access_mode, message.startsWith("IO Error: Could not set lock") ? "locked" : message),
      );
})();
