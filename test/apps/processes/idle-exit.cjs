console.log("done");
process.exit(3);
