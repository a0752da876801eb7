/**
 * Tells whether a host is reached without a proxy, by the rules that tools share: a name includes its subdomains, `*`
 * is any host, and an entry may end with a port.
 */
export function isDirect(url: URL, noProxy: string | undefined): boolean {
  const host = bare(url.hostname);
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  return (noProxy ?? "").split(/[\s,]/).some((entry) => covers(entry.trim().toLowerCase(), host, port));
}

function covers(entry: string, host: string, port: string): boolean {
  if (entry === "" || entry === "*") return entry === "*";
  const { name, itsPort } = parts(entry);
  if (itsPort !== undefined && itsPort !== port) return false;
  const suffix = bare(name.replace(/^\*?\./, ""));
  return suffix !== "" && (host === suffix || (host.endsWith(`.${suffix}`) && !/^[\d.]+$/.test(host)));
}

/** Splits an entry; an IPv6 address is in brackets if a port follows. */
function parts(entry: string): { name: string; itsPort?: string } {
  const colon = entry.lastIndexOf(":");
  const isAddress = entry.endsWith("]") || (!entry.startsWith("[") && entry.indexOf(":") !== colon);
  if (colon === -1 || isAddress) return { name: entry };
  return { name: entry.slice(0, colon), itsPort: entry.slice(colon + 1) };
}

/** Normalizes an address: removes brackets and the dot of the root, and the different notations of IPv6. */
function bare(host: string): string {
  const name = host.replace(/^\[/, "").replace(/\]$/, "").replace(/\.$/, "");
  const isIpv6 = name.includes(":") && URL.canParse(`http://[${name}]`);
  return isIpv6 ? new URL(`http://[${name}]`).hostname.slice(1, -1) : name;
}
