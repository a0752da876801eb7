// Says at its end what was loaded.
process.on("exit", () => console.log(JSON.stringify(loaded())));
