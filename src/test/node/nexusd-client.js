// A Node.js application of the daemon, for the tests. Data goes to stdout, one JSON object a line.
//
//   nexusd-client.js PROTO HOST:PORT publish TOPIC COUNT
//   nexusd-client.js PROTO HOST:PORT subscribe FILTER COUNT
//
// PROTO is the path of sidecar.proto, read at run time.
'use strict';

const grpc = require('@grpc/grpc-js');
const protoLoader = require('@grpc/proto-loader');

const DEADLINE_MS = 30_000;
// Numbers stay numbers in the output; every value here is far below 2^53.
const LOADING = { keepCase: true, longs: Number, defaults: true, oneofs: true };

const say = (fields) => console.log(JSON.stringify(fields));
const deadline = () => ({ deadline: Date.now() + DEADLINE_MS });

function publishOne(client, topic, number) {
  const request = {
    topic,
    // Bytes that are no text, then the number.
    payload: Buffer.concat([Buffer.from([0x00, 0xff]), Buffer.from(String(number))]),
    content_type: 'application/octet-stream',
    correlation_id: `node-${number}`,
    headers: { sender: 'node' },
  };
  return new Promise((resolve) => {
    client.Publish(request, deadline(), (error, response) => {
      if (error) {
        say({ status: grpc.status[error.code], text: error.details });
      } else {
        say({ id: response.message_id, subscribers: response.subscriber_count });
      }
      resolve();
    });
  });
}

async function publish(client, topic, count) {
  for (let number = 0; number < count; number++) {
    await publishOne(client, topic, number);
  }
}

function subscribe(client, filter, count) {
  return new Promise((resolve, reject) => {
    const call = client.Subscribe({ topics: [filter], client_id: 'node' }, deadline());
    let received = 0;
    call.on('error', (error) => (received >= count ? resolve() : reject(error)));
    call.on('end', resolve);
    call.on('data', (event) => {
      if (event.event === 'subscription_info') {
        say({ subscription: event.subscription_info.subscription_id });
      } else if (event.event === 'message' && received < count) {
        const got = event.message;
        say({
          id: got.message_id,
          topic: got.topic,
          payload: got.payload.toString('hex'),
          contentType: got.content_type,
          correlation: got.correlation_id,
          sender: got.headers.sender,
          sequence: got.sequence_number,
        });
        received += 1;
        if (received === count) {
          call.cancel();
        }
      }
    });
  });
}

async function main() {
  const [proto, target, command, topic, count] = process.argv.slice(2);
  const loaded = grpc.loadPackageDefinition(protoLoader.loadSync(proto, LOADING));
  const client = new loaded.nexusd.sidecar.SidecarService(target, grpc.credentials.createInsecure());
  await { publish, subscribe }[command](client, topic, Number(count));
  client.close();
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
