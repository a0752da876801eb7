/**
 * Tells whether a host is reached without a proxy, by the rules that tools share: names stand for what is below them as
 * well, `*` for everything, and an entry may end with a port.
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

/** Splits an entry; an IPv6 address stands in brackets where a port follows. */
function parts(entry: string): { name: string; itsPort?: string } {
  const colon = entry.lastIndexOf(":");
  const isAddress = entry.endsWith("]") || (!entry.startsWith("[") && entry.indexOf(":") !== colon);
  if (colon === -1 || isAddress) return { name: entry };
  return { name: entry.slice(0, colon), itsPort: entry.slice(colon + 1) };
}

/** Takes off what an address can be written with or without: brackets, the dot of the root. IPv6 has many ways to be written. */
function bare(host: string): string {
  const name = host.replace(/^\[/, "").replace(/\]$/, "").replace(/\.$/, "");
  const isIpv6 = name.includes(":") && URL.canParse(`http://[${name}]`);
  return isIpv6 ? new URL(`http://[${name}]`).hostname.slice(1, -1) : name;
}
