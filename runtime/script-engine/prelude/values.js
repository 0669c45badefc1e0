// Values on their way out: errors told, results as JSON; and copies.
(function (native, own) {
  'use strict';
  const { stringify, parse } = JSON;
  const { ownKeys } = Reflect;
  const { getPrototypeOf, prototype: objectPrototype } = Object;
  const { isArray, prototype: arrayPrototype } = Array;
  const PrimordialError = Error;
  const PromiseOf = Promise;
  const apply = Reflect.apply;

  own.json = { stringify, parse };
  own.stringify = (value) => stringify(value);
  own.length = (text) => text.length;
  own.quote = (text) => stringify(text);
  own.names = (exports) => {
    const names = [];
    for (const key of ownKeys(exports)) if (typeof key === 'string') own.push(names, own.text(key));
    return names;
  };
  const push = own.uncurry(arrayPrototype.push);
  own.push = push;

  // Runs a script's function; an exception of it and a rejection are the same then. `await` asks no
  // promise of JavaScript's own for its `then`.
  own.begin = async (body, given) => await apply(body, undefined, given);

  // What a thrown value says: [name, message, stack]. No name: it is no error.
  own.describe = (thrown) => {
    try {
      if (thrown instanceof PrimordialError) {
        const { name, message, stack } = thrown;
        return [own.text(name), own.text(message), own.text(stack)];
      }
    } catch {
      return [undefined, '(an error that cannot be told)', ''];
    }
    return [undefined, own.show(thrown), ''];
  };

  // A value for people.
  own.show = (value) => {
    try {
      if (typeof value === 'string') return own.text(value);
      if (typeof value === 'bigint') return `${value}n`;
      if (typeof value === 'object' && value !== null) {
        if (value instanceof PrimordialError) {
          const { name, message, cause } = value;
          const because = cause === undefined ? '' : `: ${own.show(cause)}`;
          return own.text(message === '' ? name : `${name}: ${message}`) + because;
        }
        const text = stringify(value);
        if (typeof text === 'string') return own.text(text);
      }
      return own.text(String(value));
    } catch {
      return '(a value without text)';
    }
  };

  const copies = {
    Date: Date.prototype.getTime,
    RegExp: Object.getOwnPropertyDescriptor(RegExp.prototype, 'source').get,
    Map: Object.getOwnPropertyDescriptor(Map.prototype, 'size').get,
    Set: Object.getOwnPropertyDescriptor(Set.prototype, 'size').get,
    ArrayBuffer: Object.getOwnPropertyDescriptor(ArrayBuffer.prototype, 'byteLength').get,
  };
  // What kind of built-in object it is, whatever its prototype says.
  const kindOf = (value) => {
    for (const kind in copies) {
      try {
        apply(copies[kind], value, []);
        return kind;
      } catch {
        // Another kind.
      }
    }
    return 'Object';
  };

  const cannot = (value) => {
    throw new DOMException(`${own.show(value)} could not be cloned`, 'DataCloneError');
  };

  const clone = (value, seen) => {
    if (typeof value === 'function' || typeof value === 'symbol') cannot(value);
    if (typeof value !== 'object' || value === null) return value;
    const known = seen.get(value);
    if (known !== undefined) return known;
    const keep = (copy) => {
      seen.set(value, copy);
      return copy;
    };
    if (ArrayBuffer.isView(value)) {
      const { buffer, byteOffset, length, byteLength } = value;
      const copy = clone(buffer, seen);
      const Kind = value instanceof DataView ? DataView : globalThis[value[Symbol.toStringTag]];
      return keep(new Kind(copy, byteOffset, length ?? byteLength));
    }
    if (value instanceof PrimordialError) {
      const names = ['EvalError', 'RangeError', 'ReferenceError', 'SyntaxError', 'TypeError', 'URIError'];
      const Kind = names.includes(value.name) ? globalThis[value.name] : PrimordialError;
      const copy = keep(new Kind(value.message));
      own.define(copy, 'stack', value.stack);
      if ('cause' in value) own.define(copy, 'cause', clone(value.cause, seen));
      return copy;
    }
    switch (isArray(value) ? 'Array' : kindOf(value)) {
      case 'Date':
        return keep(new Date(value.getTime()));
      case 'RegExp':
        return keep(new RegExp(value.source, value.flags));
      case 'ArrayBuffer':
        return keep(value.slice(0));
      case 'Map': {
        const copy = keep(new Map());
        for (const [key, item] of [...value]) copy.set(clone(key, seen), clone(item, seen));
        return copy;
      }
      case 'Set': {
        const copy = keep(new Set());
        for (const item of [...value]) copy.add(clone(item, seen));
        return copy;
      }
      case 'Array': {
        const copy = keep(new Array(value.length));
        for (const key of Object.keys(value)) copy[key] = clone(value[key], seen);
        return copy;
      }
      default: {
        const isOpaque =
          value instanceof PromiseOf || value instanceof WeakMap || value instanceof WeakSet;
        if (isOpaque || value instanceof WeakRef) cannot(value);
        const copy = keep({});
        for (const key of Object.keys(value)) {
          const item = clone(value[key], seen);
          Object.defineProperty(copy, key, {
            value: item,
            writable: true,
            enumerable: true,
            configurable: true,
          });
        }
        return copy;
      }
    }
  };
  own.global('structuredClone', function structuredClone(value) {
    return clone(value, new Map());
  });
})
