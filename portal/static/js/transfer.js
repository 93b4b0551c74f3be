// What every page that sends files shares.

export const MEGABYTE = 1024 ** 2;

export const TUS_OPTIONS = {
  chunkSize: 8 * MEGABYTE,
  limit: 3,
  retryDelays: [0, 1000, 2000, 5000, 10_000, 20_000, 30_000, 60_000, 60_000],
  storeFingerprintForResuming: false, // the server's list of files knows better
};

export const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_all, name) => values[name]);
export const megabytes = (bytes) => (bytes / MEGABYTE).toFixed(bytes < 100 * MEGABYTE ? 1 : 0);
