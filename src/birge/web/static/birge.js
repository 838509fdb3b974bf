// Progress of a job: server-sent events; without them the page reloads by itself.
"use strict";
for (const box of document.querySelectorAll("[data-job]")) {
  const bar = box.querySelector("progress");
  const word = box.querySelector("output");
  const source = new EventSource("/api/v1/jobs/" + encodeURIComponent(box.dataset.job) + "/events");
  source.onmessage = (message) => {
    const job = JSON.parse(message.data);
    bar.value = job.share;
    word.textContent = job.share + " %";
    if (!job.open) { source.close(); location.reload(); }
  };
  source.onerror = () => { source.close(); setTimeout(() => location.reload(), 3000); };
}
for (const form of document.querySelectorAll("form.filters")) {
  form.addEventListener("change", () => form.requestSubmit());
}
