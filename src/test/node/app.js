// An application in JavaScript: `app.js PROTO_DIR HOST:PORT subscribe FILTER COUNT` or `... publish TOPIC COUNT`.
// A subscriber prints `ready`, then a line per message; a publisher prints the number of receivers of its last message.
'use strict';

const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');

const [protoDir, address, verb, topic, count] = process.argv.slice(2);
const definition = loader.loadSync('nexusd/sidecar.proto', { includeDirs: [protoDir], keepCase: true });
const { SidecarService } = grpc.loadPackageDefinition(definition).nexusd.sidecar;
const client = new SidecarService(address, grpc.credentials.createInsecure());

function fail(error) {
  console.error(error);
  process.exit(1);
}

function subscribe() {
  let left = Number(count);
  const stream = client.Subscribe({ topics: [topic], client_id: 'node' });
  stream.on('error', (error) => {
    if (left > 0) fail(error);
  });
  stream.on('data', (event) => {
    if (event.subscription_info) {
      console.log('ready');
    } else if (event.message) {
      console.log(`${event.message.topic} ${event.message.payload} ${JSON.stringify(event.message.headers)}`);
      left -= 1;
      if (left === 0) {
        stream.cancel();
        client.close();
      }
    }
  });
}

function publish(number) {
  const request = { topic, payload: Buffer.from(`node ${number}`), headers: { from: 'node' } };
  client.Publish(request, (error, response) => {
    if (error) fail(error);
    if (number + 1 < Number(count)) {
      publish(number + 1);
    } else {
      console.log(response.subscriber_count);
      client.close();
    }
  });
}

if (verb === 'subscribe') subscribe();
else publish(0);
