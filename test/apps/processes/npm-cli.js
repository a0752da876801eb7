// Has the name of a package manager; says whether it is observed.
console.log(globalThis[Symbol.for("stratascope.running")] ?? "unobserved");
