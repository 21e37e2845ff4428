"""An application in Python: `app.py DESCRIPTORS HOST:PORT subscribe FILTER COUNT` or `... publish TOPIC COUNT`.

DESCRIPTORS is a serialized FileDescriptorSet of the protocol; the messages are built from it, so no generated code is needed.
A subscriber prints `ready`, then a line per message; a publisher prints the number of receivers of its last message.
"""
import sys

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

SERVICE = "/nexusd.sidecar.SidecarService/"


def messages(path):
    files = descriptor_pb2.FileDescriptorSet()
    with open(path, "rb") as source:
        files.ParseFromString(source.read())
    pool = descriptor_pool.DescriptorPool()
    for file in files.file:
        pool.Add(file)

    def of(name):
        descriptor = pool.FindMessageTypeByName("nexusd.sidecar." + name)
        if hasattr(message_factory, "GetMessageClass"):
            return message_factory.GetMessageClass(descriptor)
        return message_factory.MessageFactory(pool).GetPrototype(descriptor)

    return of


def subscribe(of, channel, topic_filter, count):
    call = channel.unary_stream(
        SERVICE + "Subscribe",
        request_serializer=lambda request: request.SerializeToString(),
        response_deserializer=of("MessageEvent").FromString,
    )
    for event in call(of("SubscribeRequest")(topics=[topic_filter], client_id="python"), timeout=60):
        kind = event.WhichOneof("event")
        if kind == "subscription_info":
            print("ready", flush=True)
        elif kind == "message":
            print(event.message.topic, event.message.payload.decode(), dict(event.message.headers), flush=True)
            count -= 1
            if count == 0:
                return


def publish(of, channel, topic, count):
    call = channel.unary_unary(
        SERVICE + "Publish",
        request_serializer=lambda request: request.SerializeToString(),
        response_deserializer=of("PublishResponse").FromString,
    )
    receivers = 0
    for number in range(count):
        request = of("PublishRequest")(topic=topic, payload=b"python %d" % number, headers={"from": "python"})
        receivers = call(request, timeout=15).subscriber_count
    print(receivers, flush=True)


def main():
    descriptors, address, verb, topic, count = sys.argv[1:]
    with grpc.insecure_channel(address) as channel:
        {"subscribe": subscribe, "publish": publish}[verb](messages(descriptors), channel, topic, int(count))


main()
