// Calls the methods of Svix's Java library that the server offers, and lets it read the answers; besides those whose POST has no body
// (resend, logout, expungeAllContents, dashboardAccess), which the library itself refuses to send.
import com.sun.net.httpserver.HttpServer;
import com.svix.Svix;
import com.svix.SvixOptions;
import com.svix.Webhook;
import com.svix.api.Health;
import com.svix.api.MessageCreateOptions;
import com.svix.exceptions.ApiException;
import com.svix.models.*;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

public class Sweep {
  interface Work {
    void run() throws Exception;
  }

  record Delivery(Map<String, List<String>> headers, String text) {}

  static int called = 0;

  static <T> T must(Callable<T> call) throws Exception {
    called++;
    T value = call.call();
    if (value == null) throw new AssertionError("nothing was answered");
    return value;
  }

  static void done(Work call) throws Exception {
    called++;
    call.run();
  }

  static void equal(Object actual, Object expected) {
    if (!expected.equals(actual)) throw new AssertionError("expected " + expected + ", not " + actual);
  }

  static void refused(int status, Work call) throws Exception {
    try {
      call.run();
    } catch (ApiException refusal) {
      equal(refusal.getCode(), status);
      return;
    }
    throw new AssertionError("it was not refused");
  }

  public static void main(String[] arguments) {
    try {
      sweep();
      System.out.println(called + " calls");
      System.exit(0);
    } catch (Throwable error) {
      error.printStackTrace();
      System.exit(1);
    }
  }

  static void sweep() throws Exception {
    var options = new SvixOptions();
    options.setServerUrl(System.getenv("SVIX_SERVER_URL"));
    var svix = new Svix(System.getenv("SVIX_TOKEN"), options);
    var name = "java-" + ProcessHandle.current().pid();

    var deliveries = new ConcurrentHashMap<String, Delivery>();
    var arrived = new CountDownLatch(2);
    var receiver = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    receiver.createContext("/", (exchange) -> {
      var text = new String(exchange.getRequestBody().readAllBytes());
      var headers = exchange.getRequestHeaders();
      deliveries.put(headers.getFirst("svix-id"), new Delivery(Map.copyOf(headers), text));
      exchange.sendResponseHeaders(204, -1);
      exchange.close();
      arrived.countDown();
    });
    receiver.start();
    var url = URI.create("http://127.0.0.1:" + receiver.getAddress().getPort() + "/");

    done(() -> new Health(svix.getHttpClient()).get());
    var applications = svix.getApplication();
    var many = IntStream.range(0, 50).parallel().mapToObj((n) -> {
      try {
        return applications.getOrCreate(new ApplicationIn().name(name).uid(name)).getId();
      } catch (Exception error) {
        throw new AssertionError(error);
      }
    }).collect(Collectors.toSet());
    equal(many.size(), 1);
    var app = must(() -> applications.getOrCreate(new ApplicationIn().name(name).uid(name))).getId();
    must(() -> applications.update(app, new ApplicationIn().name("Changed").uid(name)));
    equal(must(() -> applications.patch(app, new ApplicationPatch().metadata(Map.of("a", "1")))).getMetadata(), Map.of("a", "1"));
    must(() -> applications.get(name));
    must(() -> applications.list());
    var other = must(() -> applications.create(new ApplicationIn().name("Other"))).getId();
    done(() -> applications.delete(other));
    refused(404, () -> applications.get(other));
    refused(409, () -> applications.create(new ApplicationIn().name(name).uid(name)));
    refused(422, () -> applications.create(new ApplicationIn().name("").uid("app_x")));

    var types = svix.getEventType();
    var type = name + ".paid";
    var schemas = Map.of("1", Map.of("examples", List.of(Map.of("n", 1))));
    must(() -> types.create(new EventTypeIn().name(type).description("Paid").schemas(schemas)));
    must(() -> types.update(type, new EventTypeUpdate().description("Paid.").schemas(schemas)));
    must(() -> types.patch(type, new EventTypePatch().deprecated(false)));
    must(() -> types.get(type));
    must(() -> types.list());
    must(() -> types.create(new EventTypeIn().name(type + ".old").description("Old")));
    done(() -> types.delete(type + ".old"));

    var endpoints = svix.getEndpoint();
    var endpoint = must(() -> endpoints.create(app, new EndpointIn().url(url).uid("main").channels(Set.of("eu")))).getId();
    must(() -> endpoints.update(app, "main", new EndpointUpdate().url(url).description("Ours")));
    equal(must(() -> endpoints.patch(app, "main", new EndpointPatch().filterTypes(Set.of(type)))).getFilterTypes(), Set.of(type));
    must(() -> endpoints.get(app, "main"));
    must(() -> endpoints.list(app));
    done(() -> endpoints.updateHeaders(app, "main", new EndpointHeadersIn().headers(Map.of("x-a", "1"))));
    done(() -> endpoints.patchHeaders(app, "main", new EndpointHeadersPatchIn().headers(Map.of("x-b", "2"))));
    equal(must(() -> endpoints.getHeaders(app, "main")).getHeaders(), Map.of("x-a", "1", "x-b", "2"));
    done(() -> endpoints.rotateSecret(app, "main", new EndpointSecretRotateIn()));
    var key = must(() -> endpoints.getSecret(app, "main")).getKey();
    must(() -> endpoints.sendExample(app, "main", new EventExampleIn().eventType(type)));
    must(() -> endpoints.getStats(app, "main"));

    var messages = svix.getMessage();
    var in = new MessageIn().eventType(type).eventId("evt_1").payload("{\"n\":2}");
    var message = must(() -> messages.create(app, in)).getId();
    refused(409, () -> messages.create(app, in));
    var once = new MessageCreateOptions();
    once.setIdempotencyKey(name + "-3");
    var third = new MessageIn().eventType(type).payload("{\"n\":3}").channels(Set.of("nobody"));
    equal(messages.create(app, third, once).getId(), messages.create(app, third, once).getId());
    equal(must(() -> messages.get(app, "evt_1")).getId(), message);
    must(() -> messages.list(app));
    equal(must(() -> messages.precheck(app, new MessagePrecheckIn().eventType(type))).getActive(), true);

    if (!arrived.await(60, TimeUnit.SECONDS)) throw new AssertionError("nothing was delivered");
    while (!deliveries.containsKey(message)) Thread.sleep(20);
    var delivery = deliveries.get(message);
    new Webhook(key).verify(delivery.text(), delivery.headers());

    var attempts = svix.getMessageAttempt();
    while (attempts.listByMsg(app, message).getData().isEmpty()) Thread.sleep(20);
    var attempt = must(() -> attempts.listByMsg(app, message)).getData().get(0).getId();
    must(() -> attempts.listByEndpoint(app, endpoint));
    must(() -> attempts.get(app, message, attempt));
    must(() -> attempts.listAttemptedMessages(app, endpoint));
    must(() -> attempts.listAttemptedDestinations(app, message));
    done(() -> attempts.expungeContent(app, message, attempt));
    done(() -> messages.expungeContent(app, message));

    var since = OffsetDateTime.now().minusHours(1);
    var task = must(() -> endpoints.recover(app, "main", new RecoverIn().since(since))).getId();
    var tasks = svix.getBackgroundTask();
    while (must(() -> tasks.get(task)).getStatus() == BackgroundTaskStatus.RUNNING) Thread.sleep(20);
    var missing = must(() -> endpoints.replayMissing(app, "main", new ReplayIn().since(since))).getId();
    while (must(() -> tasks.get(missing)).getStatus() == BackgroundTaskStatus.RUNNING) Thread.sleep(20);
    must(() -> endpoints.bulkReplay(app, "main", new BulkReplayIn().since(since)));
    must(() -> tasks.list());

    var operational = svix.getOperationalWebhookEndpoint();
    var hook = must(() -> operational.create(new OperationalWebhookEndpointIn().url(url))).getId();
    must(() -> operational.update(hook, new OperationalWebhookEndpointUpdate().url(url).description("Ours")));
    must(() -> operational.get(hook));
    must(() -> operational.list());
    must(() -> operational.getSecret(hook));
    done(() -> operational.rotateSecret(hook, new OperationalWebhookEndpointSecretIn()));
    done(() -> operational.updateHeaders(hook, new OperationalWebhookEndpointHeadersIn().headers(Map.of("x-a", "1"))));
    must(() -> operational.getHeaders(hook));
    done(() -> operational.delete(hook));

    var authentication = svix.getAuthentication();
    var access = must(() -> authentication.appPortalAccess(app, new AppPortalAccessIn()));
    var theirs = new Svix(access.getToken(), options);
    equal(theirs.getApplication().get(app).getId(), app);
    refused(403, () -> theirs.getApplication().list());
    done(() -> authentication.expireAll(app, new ApplicationTokenExpireIn()));
    refused(401, () -> theirs.getApplication().get(app));
    done(() -> endpoints.delete(app, "main"));
    done(() -> applications.delete(app));
    receiver.stop(0);
  }
}
