// The backend for a page that one would write first in Node: it makes the requests of one view over connections that are kept, parses every answer,
// puts the resources together by their type and sends them as one JSON object. Arguments: folder of the certificates, address, file of the requests.
"use strict";
const fs = require("node:fs");
const http = require("node:http");
const https = require("node:https");

const [dir, address, script] = process.argv.slice(2);
const { first, sources } = JSON.parse(fs.readFileSync(script, "utf8"));
const read = (name) => fs.readFileSync(`${dir}/${name}`);
const agent = new https.Agent({ keepAlive: true, maxSockets: 64, ca: read("ca.pem"), cert: read("client.pem"), key: read("client.key") });

function ask({ url, method, body }) {
  return new Promise((resolve, reject) => {
    const headers = { Accept: "application/fhir+json", "Content-Type": "application/fhir+json", "Content-Length": Buffer.byteLength(body) };
    const request = https.request(url, { method, agent, headers }, (answer) => {
      const parts = [];
      answer.on("data", (part) => parts.push(part));
      answer.on("error", reject);
      answer.on("end", () => {
        if (answer.statusCode !== 200) return reject(new Error(`a source answered ${answer.statusCode}`));
        try {
          resolve(JSON.parse(Buffer.concat(parts).toString()));
        } catch (error) {
          reject(error);
        }
      });
    });
    request.on("error", reject);
    request.end(body);
  });
}

function merge(byType, bundle) {
  for (const { resource } of bundle.entry) {
    if (resource.resourceType === "Bundle") merge(byType, resource);
    else (byType[resource.resourceType] ??= []).push(resource);
  }
}

async function view() {
  const byType = {};
  for (const request of first) await ask(request);
  await Promise.all(sources.map(async ([whole, ...more]) => {
    merge(byType, await ask(whole));
    for (const bundle of await Promise.all(more.map(ask))) merge(byType, bundle);
  }));
  return Buffer.from(JSON.stringify(byType));
}

const [host, port] = address.split(":");
http.createServer((_, response) => {
  view().then(
    (body) => response.writeHead(200, { "Content-Type": "application/json", "Content-Length": body.length }).end(body),
    (error) => response.writeHead(502).end(String(error)),
  );
}).listen(Number(port), host);
