/** How a receiver verifies a delivery, with nothing but what comes with its language. */
export const SNIPPETS: ReadonlyMap<string, string> = new Map([
  [
    "Node.js",
    `import { createHmac, timingSafeEqual } from "node:crypto";

export function isGenuine(headers, body, secret) {
  const { "webhook-id": id, "webhook-timestamp": at, "webhook-signature": sent } = headers;
  if (Math.abs(Date.now() / 1000 - Number(at)) > 300) return false;
  const key = Buffer.from(secret.replace("whsec_", ""), "base64");
  const mine = createHmac("sha256", key).update(\`\${id}.\${at}.\`).update(body).digest();
  return sent.split(" ").some((each) => {
    const theirs = Buffer.from(each.replace("v1,", ""), "base64");
    return theirs.length === mine.length && timingSafeEqual(theirs, mine);
  });
}`,
  ],
  [
    "Python",
    `import base64, hashlib, hmac, time

def is_genuine(headers, body: bytes, secret: str) -> bool:
    at = headers["webhook-timestamp"]
    if abs(time.time() - int(at)) > 300:
        return False
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{at}.".encode() + body
    mine = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return any(hmac.compare_digest(each, f"v1,{mine}") for each in headers["webhook-signature"].split(" "))`,
  ],
  [
    "Go",
    `func isGenuine(h http.Header, body []byte, secret string) bool {
	at, err := strconv.ParseInt(h.Get("webhook-timestamp"), 10, 64)
	if err != nil || math.Abs(float64(time.Now().Unix()-at)) > 300 {
		return false
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil {
		return false
	}
	mac := hmac.New(sha256.New, key)
	fmt.Fprintf(mac, "%s.%d.%s", h.Get("webhook-id"), at, body)
	mine := []byte("v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	for _, each := range strings.Split(h.Get("webhook-signature"), " ") {
		if hmac.Equal([]byte(each), mine) {
			return true
		}
	}
	return false
}`,
  ],
  [
    "Ruby",
    `require "base64"
require "openssl"

def genuine?(headers, body, secret)
  at = headers["webhook-timestamp"]
  return false if (Time.now.to_i - at.to_i).abs > 300
  key = Base64.decode64(secret.delete_prefix("whsec_"))
  mac = OpenSSL::HMAC.digest("SHA256", key, "#{headers["webhook-id"]}.#{at}.#{body}")
  mine = "v1,#{Base64.strict_encode64(mac)}"
  headers["webhook-signature"].split(" ").any? { |each| OpenSSL.secure_compare(each, mine) }
end`,
  ],
  [
    "PHP",
    `function isGenuine(array $headers, string $body, string $secret): bool {
  $at = $headers["webhook-timestamp"];
  if (abs(time() - (int) $at) > 300) return false;
  $key = base64_decode(preg_replace("/^whsec_/", "", $secret));
  $mac = hash_hmac("sha256", "{$headers["webhook-id"]}.$at.$body", $key, true);
  $mine = "v1," . base64_encode($mac);
  foreach (explode(" ", $headers["webhook-signature"]) as $each)
    if (hash_equals($mine, $each)) return true;
  return false;
}`,
  ],
  [
    "Java",
    `static boolean isGenuine(Map<String, String> headers, byte[] body, String secret) throws Exception {
  String at = headers.get("webhook-timestamp");
  if (Math.abs(System.currentTimeMillis() / 1000 - Long.parseLong(at)) > 300) return false;
  Mac mac = Mac.getInstance("HmacSHA256");
  mac.init(new SecretKeySpec(Base64.getDecoder().decode(secret.replace("whsec_", "")), "HmacSHA256"));
  mac.update((headers.get("webhook-id") + "." + at + ".").getBytes(UTF_8));
  byte[] mine = ("v1," + Base64.getEncoder().encodeToString(mac.doFinal(body))).getBytes(UTF_8);
  for (String each : headers.get("webhook-signature").split(" "))
    if (MessageDigest.isEqual(each.getBytes(UTF_8), mine)) return true;
  return false;
}`,
  ],
]);
