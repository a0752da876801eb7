// Long enough to send what others left: a process without telemetry that ends in a moment leaves that to others.
setTimeout(() => console.log("ready"), 1500);
