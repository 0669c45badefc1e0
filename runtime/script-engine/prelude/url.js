// URL and URLSearchParams.
(function (native, own) {
  'use strict';
  const PARTS = ['href', 'origin', 'protocol', 'username', 'password', 'host', 'hostname', 'port',
    'pathname', 'search', 'hash'];

  class URLSearchParams {
    #pairs = [];
    #url;
    constructor(from = '') {
      if (from instanceof URLSearchParams) {
        this.#pairs = [...from];
      } else if (typeof from === 'object' && from !== null) {
        const pairs = typeof from[Symbol.iterator] === 'function' ? from : Object.entries(from);
        for (const pair of pairs) {
          const [name, value, ...rest] = pair;
          if (value === undefined || rest.length > 0) {
            throw new TypeError('each parameter is a pair of name and value');
          }
          this.#pairs.push([own.text(name), own.text(value)]);
        }
      } else {
        this.#read(own.text(from));
      }
    }
    #read(text) {
      const flat = native.readForm(text.startsWith('?') ? text.slice(1) : text);
      this.#pairs = [];
      for (let i = 0; i < flat.length; i += 2) this.#pairs.push([flat[i], flat[i + 1]]);
    }
    #changed() {
      this.#url?.searchParamsChanged(this.toString());
    }
    // For URL alone.
    static bound(url, search) {
      const made = new URLSearchParams(search);
      made.#url = url;
      return made;
    }
    static refresh(params, search) {
      params.#read(search);
    }
    get size() {
      return this.#pairs.length;
    }
    append(name, value) {
      this.#pairs.push([own.text(name), own.text(value)]);
      this.#changed();
    }
    delete(name, value) {
      const isIt = ([key, item]) => key === `${name}` && (value === undefined || item === `${value}`);
      this.#pairs = this.#pairs.filter((pair) => !isIt(pair));
      this.#changed();
    }
    get(name) {
      return this.#pairs.find(([key]) => key === `${name}`)?.[1] ?? null;
    }
    getAll(name) {
      return this.#pairs.filter(([key]) => key === `${name}`).map(([, value]) => value);
    }
    has(name, value) {
      const isIt = ([key, item]) => key === `${name}` && (value === undefined || item === `${value}`);
      return this.#pairs.some(isIt);
    }
    set(name, value) {
      const first = this.#pairs.findIndex(([key]) => key === `${name}`);
      if (first < 0) {
        this.append(name, value);
        return;
      }
      this.#pairs[first] = [own.text(name), own.text(value)];
      this.#pairs = this.#pairs.filter(([key], index) => index <= first || key !== `${name}`);
      this.#changed();
    }
    sort() {
      this.#pairs.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
      this.#changed();
    }
    forEach(callback, self) {
      for (const [name, value] of this.#pairs) callback.call(self, value, name, this);
    }
    *entries() {
      for (const [name, value] of this.#pairs) yield [name, value];
    }
    *keys() {
      for (const [name] of this.#pairs) yield name;
    }
    *values() {
      for (const [, value] of this.#pairs) yield value;
    }
    [Symbol.iterator]() {
      return this.entries();
    }
    toString() {
      return native.writeForm(this.#pairs.flat());
    }
    get [Symbol.toStringTag]() {
      return 'URLSearchParams';
    }
  }
  const { bound, refresh } = URLSearchParams;
  delete URLSearchParams.bound;
  delete URLSearchParams.refresh;

  const search = PARTS.indexOf('search');
  class URL {
    #parts;
    #params;
    constructor(text, base) {
      const given = base === undefined ? undefined : own.text(base);
      this.#parts = native.url(own.text(text), given);
      if (this.#parts === undefined) {
        const of = given === undefined ? '' : ` (at ${given})`;
        throw new TypeError(`'${own.text(text)}'${of} is not a URL`);
      }
    }
    static canParse(text, base) {
      return native.url(own.text(text), base === undefined ? undefined : own.text(base)) !== undefined;
    }
    static parse(text, base) {
      return URL.canParse(text, base) ? new URL(text, base) : null;
    }
    static {
      own.urlParts = (url) => url.#parts;
      own.setUrlParts = (url, parts) => {
        url.#parts = parts;
        if (url.#params) refresh(url.#params, parts[search]);
      };
    }
    get searchParams() {
      const changed = (text) => {
        this.#parts = native.changeUrl(this.#parts[0], 'search', text) ?? this.#parts;
      };
      this.#params ??= bound({ searchParamsChanged: changed }, this.#parts[search]);
      return this.#params;
    }
    toString() {
      return this.#parts[0];
    }
    toJSON() {
      return this.#parts[0];
    }
    get [Symbol.toStringTag]() {
      return 'URL';
    }
  }
  const { urlParts, setUrlParts } = own;
  PARTS.forEach((name, index) => {
    Object.defineProperty(URL.prototype, name, {
      get() {
        return urlParts(this)[index];
      },
      set(value) {
        if (name === 'origin') return;
        const parts = urlParts(this);
        const changed =
          name === 'href'
            ? native.url(own.text(value), undefined)
            : native.changeUrl(parts[0], name, own.text(value));
        if (changed === undefined) throw new TypeError(`'${own.text(value)}' is not a URL`);
        setUrlParts(this, changed);
      },
      enumerable: true,
      configurable: true,
    });
  });
  own.URLSearchParams = URLSearchParams;
  own.global('URLSearchParams', URLSearchParams);
  own.global('URL', URL);
})
