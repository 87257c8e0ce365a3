// The official JavaScript clients, operation by operation, against an emulator over TLS.
// usage: NODE_EXTRA_CA_CERTS=ca.pem node drive.mjs ENDPOINT
// Prints a line for each operation; ends with 1 if one fails.
import assert from "node:assert/strict";
import { AgentsClient } from "@azure/ai-agents";
import { AIProjectClient } from "@azure/ai-projects";
import OpenAI from "openai";

const endpoint = process.argv[2];
// Stands for DefaultAzureCredential, which asks Entra: a token of its own, sent over TLS only.
const credential = {
  getToken: async () => ({ token: "any", expiresOnTimestamp: Date.now() + 3_600_000 }),
};
const told = [];
async function operation(name, work) {
  try {
    const result = await work();
    told.push([name, true]);
    console.log(`ok   ${name}`);
    return result;
  } catch (error) {
    told.push([name, false]);
    console.log(`BAD  ${name}: ${String(error).split("\n")[0]}`);
    return undefined;
  }
}
async function all(pages) {
  const found = [];
  for await (const one of pages) found.push(one);
  return found;
}

const classic = new AgentsClient(endpoint, credential);
const agent = await operation("ai-agents createAgent", () =>
  classic.createAgent("gpt-4o", { name: "js", instructions: "Be brief." }));
await operation("ai-agents getAgent", async () =>
  assert.equal((await classic.getAgent(agent.id)).name, "js"));
await operation("ai-agents listAgents", async () =>
  assert.ok((await all(classic.listAgents())).some((one) => one.id === agent.id)));
const thread = await operation("ai-agents threads.create", () => classic.threads.create());
await operation("ai-agents messages.create", () =>
  classic.messages.create(thread.id, "user", "What is 17 * 23?"));
await operation("ai-agents runs.createAndPoll", async () => {
  const run = await classic.runs.createAndPoll(thread.id, agent.id, {
    pollingOptions: { intervalInMs: 10 },
  });
  assert.equal(run.status, "completed");
});
await operation("ai-agents runs.create stream", async () => {
  const events = await classic.runs.create(thread.id, agent.id).stream();
  const kinds = (await all(events)).map((one) => one.event);
  assert.equal(kinds.at(-1), "done");
});
await operation("ai-agents messages.list", async () =>
  assert.equal((await all(classic.messages.list(thread.id))).length, 3));
await operation("ai-agents threads.delete", () => classic.threads.delete(thread.id));
await operation("ai-agents deleteAgent", () => classic.deleteAgent(agent.id));

const project = new AIProjectClient(endpoint, credential);
await operation("ai-projects deployments.list", async () =>
  assert.ok((await all(project.deployments.list())).length));
await operation("ai-projects connections.list", async () =>
  assert.ok((await all(project.connections.list())).length));
await operation("ai-projects agents.createVersion", () =>
  project.agents.createVersion("js-agent", { kind: "prompt", model: "gpt-4o" }));
await operation("ai-projects agents.get", async () =>
  assert.equal((await project.agents.get("js-agent")).name, "js-agent"));
const reference = { agent_reference: { name: "js-agent", type: "agent_reference" } };
const own = await operation("ai-projects getOpenAIClient", async () => project.getOpenAIClient());
await operation("ai-projects responses.create", async () => {
  const response = await own.responses.create({ input: "What is 17 * 23?", ...reference });
  assert.equal(response.output_text, "17 * 23 = 391.");
});

const openai = new OpenAI({ baseURL: `${endpoint}/openai/v1`, apiKey: "any" });
const conversation = await operation("openai conversations.create", () =>
  openai.conversations.create({ items: [{ type: "message", role: "user", content: "Hi" }] }));
await operation("openai responses.create", async () => {
  const body = { input: "What is 17 * 23?", conversation: conversation.id, ...reference };
  assert.match((await openai.responses.create(body)).output_text, /391/);
});
await operation("openai responses.create stream", async () => {
  const events = await openai.responses.create({ input: "Hi", stream: true, ...reference });
  assert.equal((await all(events)).at(-1).type, "response.completed");
});
await operation("openai conversations.items.list", async () =>
  assert.equal((await all(openai.conversations.items.list(conversation.id))).length, 3));
await operation("openai models.list", async () => assert.ok((await all(openai.models.list())).length));
await operation("ai-projects agents.delete", () => project.agents.delete("js-agent"));

const good = told.filter(([, held]) => held).length;
console.log(`${good} of ${told.length} hold`);
process.exit(good === told.length ? 0 : 1);
