// Runs for as many milliseconds as its argument says, long enough to look for what others left: a process without
// telemetry does not do so at its end.
setTimeout(() => console.log("done"), Number(process.argv[2] ?? 1500));
