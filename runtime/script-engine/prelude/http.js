// HTTP. An answer of any status is an answer; an error is thrown when there is none.
(function (native, own) {
  'use strict';
  const HttpError = own.errorClass('HttpError');
  const { parse, stringify } = own.json;
  const { isArray } = Array;
  const { create } = Object;
  const JavaScriptError = SyntaxError;
  const { URLSearchParams } = own;
  const toUpperCase = own.uncurry(String.prototype.toUpperCase);
  const toLowerCase = own.uncurry(String.prototype.toLowerCase);
  const formText = own.uncurry(URLSearchParams.prototype.toString);

  const OPTIONS = ['headers', 'timeoutMs', 'redirects'];
  const REQUEST = ['method', 'url', 'body', 'headers', 'timeoutMs', 'redirects'];
  const REDIRECTS = 10;
  const READS = { __proto__: null, GET: true, HEAD: true, OPTIONS: true };

  class Response {
    #body;
    #asked;
    constructor(asked, { url, status, headers, body, elapsedMs }) {
      this.url = url;
      this.status = status;
      this.ok = status >= 200 && status < 300;
      this.headers = create(null);
      for (let i = 0; i < headers.length; i += 2) {
        const before = this.headers[headers[i]];
        this.headers[headers[i]] = before === undefined ? headers[i + 1] : `${before}, ${headers[i + 1]}`;
      }
      this.elapsedMs = elapsedMs;
      this.#body = body;
      this.#asked = asked;
    }
    bytes() {
      return this.#body;
    }
    text() {
      return native.decode(this.#body, false);
    }
    json() {
      const text = native.decode(this.#body, false);
      try {
        return parse(text);
      } catch (error) {
        throw new JavaScriptError(`the answer to ${this.#asked} is not JSON: ${error.message}`);
      }
    }
  }

  // A list of names and values.
  const flat = (headers) => {
    const list = [];
    let isTyped = false;
    const add = (name, value) => {
      const text = own.text(name);
      isTyped ||= toLowerCase(text) === 'content-type';
      own.push(list, text, own.text(value));
    };
    if (headers !== undefined && (typeof headers !== 'object' || headers === null)) {
      throw new TypeError('headers are an object, or an array of pairs');
    }
    if (isArray(headers)) {
      for (let i = 0; i < headers.length; i++) add(headers[i][0], headers[i][1]);
    } else {
      for (const name in headers) {
        const value = headers[name];
        if (isArray(value)) for (let i = 0; i < value.length; i++) add(name, value[i]);
        else if (value !== undefined && value !== null) add(name, value);
      }
    }
    return { list, isTyped };
  };

  // The bytes of a body, and their type unless the headers say it.
  const bodyOf = (body) => {
    if (body === undefined || body === null) return {};
    if (typeof body === 'string') {
      return { bytes: native.encode(own.text(body)), type: 'text/plain;charset=UTF-8' };
    }
    if (body instanceof URLSearchParams) {
      const type = 'application/x-www-form-urlencoded;charset=UTF-8';
      return { bytes: native.encode(formText(body)), type };
    }
    const bytes = own.bytes(body);
    if (bytes !== undefined) return { bytes };
    const text = stringify(body);
    if (text === undefined) throw new TypeError('this body has no text in JSON');
    return { bytes: native.encode(text), type: 'application/json' };
  };

  const send = (what, method, url, body, options) => {
    const { list, isTyped } = flat(options.headers);
    const { bytes, type } = bodyOf(body);
    if (type !== undefined && !isTyped) own.push(list, 'content-type', type);
    const { timeoutMs, redirects = REDIRECTS } = options;
    if (timeoutMs !== undefined) own.whole(`${what}: timeoutMs`, timeoutMs, 1, 4294967295);
    own.whole(`${what}: redirects`, redirects, 0, 255);
    const to = own.text(url);
    const start = () => native.startHttp(method, to, list, bytes, timeoutMs, redirects);
    const finish = (answer) => new Response(`${method} ${to}`, answer);
    return own.operation(HttpError, start, finish, READS[method] !== true);
  };

  const without = (name, method) => function (url, options) {
    return send(`http.${name}`, method, url, undefined, own.options(`http.${name}`, options, OPTIONS));
  };
  const withBody = (name, method) => function (url, body, options) {
    return send(`http.${name}`, method, url, body, own.options(`http.${name}`, options, OPTIONS));
  };
  own.global('http', {
    get: without('get', 'GET'),
    head: without('head', 'HEAD'),
    delete: without('delete', 'DELETE'),
    post: withBody('post', 'POST'),
    put: withBody('put', 'PUT'),
    patch: withBody('patch', 'PATCH'),
    request(request) {
      const { method = 'GET', url, body, ...rest } = own.options('http.request', request, REQUEST);
      if (url === undefined) throw new TypeError('http.request needs a url');
      return send('http.request', toUpperCase(own.text(method)), url, body, rest);
    },
  });
})
