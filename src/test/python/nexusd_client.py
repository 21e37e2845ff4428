"""A Python application of the daemon, for the tests. Data goes to stdout, one JSON object a line.

nexusd_client.py DESCRIPTORS HOST:PORT publish TOPIC COUNT
nexusd_client.py DESCRIPTORS HOST:PORT subscribe FILTER COUNT

DESCRIPTORS is a serialized FileDescriptorSet with the service; no code was generated from it.
"""

import json
import sys

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

PACKAGE = "nexusd.sidecar."
SERVICE = "/nexusd.sidecar.SidecarService/"
DEADLINE_S = 30


def load_messages(path):
    """Returns a function from a message's short name to its class."""
    files = descriptor_pb2.FileDescriptorSet()
    with open(path, "rb") as source:
        files.ParseFromString(source.read())
    pool = descriptor_pool.DescriptorPool()
    for file in files.file:
        pool.Add(file)

    def message(name):
        descriptor = pool.FindMessageTypeByName(PACKAGE + name)
        # The function came with protobuf 4.22; Debian 12 has the factory object before it.
        if hasattr(message_factory, "GetMessageClass"):
            return message_factory.GetMessageClass(descriptor)
        return message_factory.MessageFactory(pool).GetPrototype(descriptor)

    return message


def say(**fields):
    print(json.dumps(fields), flush=True)


def publish(channel, message, topic, count):
    request_type, response_type = message("PublishRequest"), message("PublishResponse")
    call = channel.unary_unary(
        SERVICE + "Publish",
        request_serializer=request_type.SerializeToString,
        response_deserializer=response_type.FromString,
    )
    for number in range(count):
        request = request_type(
            topic=topic,
            # Bytes that are no text, then the number.
            payload=b"\x00\xff" + str(number).encode(),
            content_type="application/octet-stream",
            correlation_id="python-%d" % number,
        )
        request.headers["sender"] = "python"
        try:
            response = call(request, timeout=DEADLINE_S)
            say(id=response.message_id, subscribers=response.subscriber_count)
        except grpc.RpcError as error:
            say(status=error.code().name, text=error.details())


def subscribe(channel, message, topic_filter, count):
    request_type, event_type = message("SubscribeRequest"), message("MessageEvent")
    call = channel.unary_stream(
        SERVICE + "Subscribe",
        request_serializer=request_type.SerializeToString,
        response_deserializer=event_type.FromString,
    )
    events = call(request_type(topics=[topic_filter], client_id="python"), timeout=DEADLINE_S)
    received = 0
    for event in events:
        kind = event.WhichOneof("event")
        if kind == "subscription_info":
            say(subscription=event.subscription_info.subscription_id)
        elif kind == "message":
            got = event.message
            say(
                id=got.message_id,
                topic=got.topic,
                payload=got.payload.hex(),
                contentType=got.content_type,
                correlation=got.correlation_id,
                sender=got.headers["sender"],
                sequence=got.sequence_number,
            )
            received += 1
            if received == count:
                events.cancel()
                return


def main():
    descriptors, target, command, topic, count = sys.argv[1:]
    with grpc.insecure_channel(target) as channel:
        {"publish": publish, "subscribe": subscribe}[command](channel, load_messages(descriptors), topic, int(count))


if __name__ == "__main__":
    main()
