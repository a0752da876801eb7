const { Worker, isMainThread, parentPort, workerData } = require("node:worker_threads");
if (isMainThread) {
  const mods = process.argv[2] || "";
  (async () => { 
    const before = process.memoryUsage.rss(); let cpu = 0, n = 0;
    for (let i = 0; i < 8; i++) { const w = new Worker(__filename, { workerData: mods }); const r = await new Promise((r) => w.on("message", r)); cpu += r[0]; n = r[1]; }
    await new Promise(r => setTimeout(r, 200));
    console.log((mods || "bare").padEnd(70), ((process.memoryUsage.rss() - before) / 8e6).toFixed(1), "MB", (cpu / 8).toFixed(1), "ms", n, "cjs modules");
    process.exit(); })();
} else {
  const c = process.threadCpuUsage();
  for (const m of workerData.split("+").filter(Boolean)) require(m);
  const d = process.threadCpuUsage(c);
  parentPort.postMessage([(d.user + d.system) / 1000, Object.keys(require.cache).length]); setInterval(() => {}, 1e6);
}
