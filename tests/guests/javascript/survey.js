// The probes of ../wit/survey.wit.

import http from "chaos:host/http@0.1.0";
import log from "chaos:host/log@0.1.0";

const get = (url) => ({
  method: "GET",
  url,
  headers: [],
  body: new Uint8Array(),
  timeoutMs: null,
  redirects: 0,
});

const milliseconds = (response) => response.elapsedNs / 1e6;

/** What only some JavaScript engines have; none if there is nothing. */
const tried = (look) => {
  try {
    return look() ?? [];
  } catch {
    return [];
  }
};

export const probes = {
  mean(values) {
    if (values.length === 0) return null;
    return values.reduce((sum, value) => sum + value, 0) / values.length;
  },

  fetch(url) {
    const response = http.send(get(url));
    const type = response.headers.find(([name]) => name === "content-type");
    log.write("info", `${url}: ${response.status}`);
    return {
      status: response.status,
      contentType: type ? type[1] : null,
      bytes: response.body.length,
      milliseconds: milliseconds(response),
    };
  },

  isUp(url) {
    try {
      return http.send(get(url)).status === 200;
    } catch (error) {
      // An Error with the variant as its payload.
      throw `${url}: ${error.payload.tag}`;
    }
  },

  slowest(url, requests) {
    const exchanges = Array.from({ length: requests }, () => new http.Exchange(get(url)));
    const times = exchanges.map((exchange) => {
      const time = milliseconds(exchange.wait());
      exchange[Symbol.dispose]();
      return time;
    });
    return Math.max(...times);
  },

  lookAround() {
    const { process, scriptArgs, std, os } = globalThis;
    return {
      environment: tried(() => Object.keys(process?.env ?? std.getenviron())),
      arguments: tried(() => [...(process?.argv ?? scriptArgs)]),
      files: tried(() => os.readdir("/")[0]),
    };
  },

  descend: function descend(depth) {
    return depth === 0 ? 0 : 1 + descend(depth - 1);
  },

  hoard(bytes) {
    const kept = [];
    const piece = 64 * 1024;
    for (let size = 0; size < bytes; size += piece) kept.push(new Uint8Array(piece).fill(1));
    return kept.length * piece;
  },

  spin() {
    for (;;);
  },
};
