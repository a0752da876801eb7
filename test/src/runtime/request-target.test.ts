import { expect } from "chai";
import { describe, it } from "mocha";
import { headers, url } from "../../../src/config/option.ts";
import { requestTarget } from "../../../src/runtime/request-target.ts";

describe("the target and credentials of a request", () => {
  it("decodes a password, even with a percent sign that escapes nothing", () => {
    const authOf = (userinfo: string): unknown => requestTarget(new URL(`http://${userinfo}@[::1]:4318/a?b=c`)).auth;
    expect(authOf("u%40:p%3Aw")).to.equal("u@:p:w");
    expect(authOf("u:100%")).to.equal("u:100%");
    expect(authOf("u:%zz%c3")).to.equal("u:%zz%c3");
    expect(requestTarget(new URL("http://a:1/b?c"))).to.include({ hostname: "a", port: 1, path: "/b?c" });
    expect(requestTarget(new URL("http://a"))).to.not.have.property("auth");
  });

  it("drops headers that are invalid in HTTP, and keeps the others", () => {
    const { value, problem } = headers.parse("a=1,b=x%0d%0aX-Evil: 1,é=1,c=%00,d=ż,e=é");
    expect(value).to.deep.equal({ a: "1", e: "é" });
    expect(problem).to.equal("has a part that cannot be a header");
  });

  it("is logged without its secrets", () => {
    expect(url.redact!("ftp://user:SECRET@host/path?key=SECRET")).to.equal("host/path");
    expect(url.redact!("unix:///x?SECRET")).to.equal("unix:///x");
  });
});
