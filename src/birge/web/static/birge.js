// Progress of a job by server-sent events, and pages whose model still works: both load again when there is more to read.
// Without a script the page loads again by itself. A page that its reader is leaving does not load again: that would
// break off where they are going.
"use strict";
const LEAVES_MS = 60000;
const AGAIN_MS = 3000;
let left = -LEAVES_MS;
addEventListener("beforeunload", () => { left = performance.now(); });
function again() {
  const typing = document.activeElement && document.activeElement.matches("input, select, textarea");
  if (typing || performance.now() - left < LEAVES_MS) setTimeout(again, AGAIN_MS);
  else location.reload();
}
for (const box of document.querySelectorAll("[data-job]")) {
  const bar = box.querySelector("progress");
  const word = box.querySelector("output");
  const source = new EventSource("/api/v1/jobs/" + encodeURIComponent(box.dataset.job) + "/events");
  source.onmessage = (message) => {
    const job = JSON.parse(message.data);
    bar.value = job.share;
    word.textContent = job.share + " %";
    if (!job.open) { source.close(); again(); }
  };
  source.onerror = () => { source.close(); setTimeout(again, AGAIN_MS); };
}
if (document.querySelector("[data-again]")) setTimeout(again, AGAIN_MS);
for (const form of document.querySelectorAll("form.filters")) {
  form.addEventListener("change", () => form.requestSubmit());
}
