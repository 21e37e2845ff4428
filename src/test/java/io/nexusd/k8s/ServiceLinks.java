package io.nexusd.k8s;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The variables that the kubelet sets in every container for the Services of its namespace. Headless ones have none. */
final class ServiceLinks {
    private ServiceLinks() {}

    static Map<String, String> of(List<Service> services) {
        Map<String, String> variables = new LinkedHashMap<>();
        int last = 1;
        for (Service service : services) {
            if (!"None".equals(service.getSpec().getClusterIP())) {
                add(
                        variables,
                        service.getMetadata().getName(),
                        "10.96.0." + ++last,
                        service.getSpec().getPorts());
            }
        }
        return variables;
    }

    private static void add(Map<String, String> variables, String service, String address, List<ServicePort> ports) {
        String name = upper(service);
        variables.put(name + "_SERVICE_HOST", address);
        variables.put(name + "_SERVICE_PORT", String.valueOf(ports.get(0).getPort()));
        for (ServicePort port : ports) {
            String protocol = port.getProtocol() == null ? "TCP" : port.getProtocol();
            String url = protocol.toLowerCase(Locale.ROOT) + "://" + address + ":" + port.getPort();
            if (port.getName() != null) {
                variables.put(name + "_SERVICE_PORT_" + upper(port.getName()), String.valueOf(port.getPort()));
            }
            variables.putIfAbsent(name + "_PORT", url);
            String prefix = name + "_PORT_" + port.getPort() + "_" + protocol;
            variables.put(prefix, url);
            variables.put(prefix + "_PROTO", protocol.toLowerCase(Locale.ROOT));
            variables.put(prefix + "_PORT", String.valueOf(port.getPort()));
            variables.put(prefix + "_ADDR", address);
        }
    }

    private static String upper(String name) {
        return name.toUpperCase(Locale.ROOT).replace('-', '_');
    }
}
