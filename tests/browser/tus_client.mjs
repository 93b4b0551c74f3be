// tus-js-client as a plain client: breaks off at half, then goes on as after a restart.
//   node tus_client.mjs FILE ENDPOINT COOKIE CSRF_TOKEN

import { readFileSync } from "node:fs";
import * as tus from "tus-js-client";

const [path, endpoint, cookie, token] = process.argv.slice(2);
const content = readFileSync(path);
const common = {
  chunkSize: 256 * 1024,
  headers: { Cookie: cookie, "X-CSRFToken": token },
  metadata: { filename: "片.mp4" },
  retryDelays: [],
};

const url = await new Promise((resolve, reject) => {
  const upload = new tus.Upload(content, {
    ...common,
    endpoint,
    onError: reject,
    onSuccess: () => reject(new Error("It was to break off.")),
    onProgress: (sent, total) => {
      if (sent >= total / 2) upload.abort().then(() => resolve(upload.url));
    },
  });
  upload.start();
});

await new Promise((resolve, reject) => {
  new tus.Upload(content, { ...common, uploadUrl: url, onError: reject, onSuccess: resolve }).start();
});
console.log(url);
