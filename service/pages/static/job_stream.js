// Follows one job: by its events, or by polling if these are not available.

export const ENDED = new Set(["succeeded", "failed", "cancelled"]);
const POLL_MILLISECONDS = 1000;

export async function getJson(address) {
  const response = await fetch(address, { headers: { Accept: "application/json" } });
  if (!response.ok) throw new Error(`${address} answered ${response.status}`);
  return response.json();
}

// `listener` has onState(job), onProgress(progress) and onCurve(points). Returns a function that stops following.
export function followJob(id, listener) {
  let poll = null;
  const events = new EventSource(`/jobs/${id}/events`);
  const stop = () => {
    events.close();
    clearTimeout(poll);
    poll = "stopped";
  };
  events.addEventListener("state", (event) => {
    const job = JSON.parse(event.data);
    if (ENDED.has(job.state)) stop();
    listener.onState(job);
  });
  events.addEventListener("progress", (event) => listener.onProgress(JSON.parse(event.data)));
  events.addEventListener("error", () => {
    // The browser reconnects by itself unless the response was not a stream of events.
    if (events.readyState === EventSource.CLOSED && poll === null) pollJob();
  });

  async function pollJob() {
    const [job, curve] = await Promise.all([getJson(`/jobs/${id}`), getCurve(id)]).catch(() => [null, []]);
    if (poll === "stopped") return;
    poll = setTimeout(pollJob, POLL_MILLISECONDS);
    if (job === null) return;
    if (ENDED.has(job.state)) stop();
    listener.onCurve(curve);
    if (job.progress) listener.onProgress(job.progress);
    listener.onState(job);
  }
  return stop;
}

export async function getCurve(id) {
  return (await getJson(`/jobs/${id}/curve?points=1000`)).items;
}
