// Operations under way, and what becomes of their promises. Whatever is used after a script began
// is taken here first: a script may put its own in the place of JavaScript's.
(function (native, own) {
  'use strict';
  const { create, defineProperty } = Object;
  const { toWellFormed } = String.prototype;
  const call = Function.prototype.call.bind(Function.prototype.call);

  Error.stackTraceLimit = 32;

  // A function that takes its `this` as the first argument.
  own.uncurry = (method) => (self, ...rest) => call(method, self, ...rest);
  // A text without half surrogate pairs: nothing outside of JavaScript knows them.
  own.text = (value) => call(toWellFormed, `${value}`);

  own.define = (object, name, value) => {
    defineProperty(object, name, { value, writable: true, enumerable: false, configurable: true });
  };
  own.global = (name, value) => own.define(globalThis, name, value);

  // Rejects what is no plain object, and options that do not exist.
  own.options = (what, options, known) => {
    if (options === undefined || options === null) return create(null);
    if (typeof options !== 'object') throw new TypeError(`the options of ${what} are an object`);
    const taken = create(null);
    for (const name in options) {
      let isKnown = false;
      for (let i = 0; i < known.length; i++) isKnown ||= known[i] === name;
      if (!isKnown) {
        let list = known[0];
        for (let i = 1; i < known.length; i++) list += `, ${known[i]}`;
        throw new TypeError(`${what} has no option '${own.text(name)}'; it has ${list}`);
      }
      taken[name] = options[name];
    }
    return taken;
  };

  own.whole = (what, value, least, most) => {
    if (typeof value !== 'number' || value % 1 !== 0 || value < least || value > most) {
      throw new RangeError(`${what} is a whole number from ${least} to ${most}`);
    }
    return value;
  };

  const table = create(null);
  let changes = 0;

  own.begun = (id, entry) => {
    table[id] = entry;
    if (entry.isChange) changes++;
  };
  own.forget = (id) => {
    const entry = table[id];
    delete table[id];
    if (entry !== undefined && entry.isChange) changes--;
    return entry;
  };
  own.changes = () => changes;

  // A promise of what an operation comes to. The error is made now: its stack is that of the call.
  own.operation = (ErrorClass, start, finish, isChange) => {
    const error = new ErrorClass('');
    const id = start();
    if (typeof id === 'string') throw new RangeError(id);
    return new Promise((resolve, reject) => {
      own.begun(id, { resolve, reject, finish, error, isChange });
    });
  };

  own.settle = (id, isWell, value) => {
    const entry = own.forget(id);
    if (entry === undefined) return;
    if (!isWell) {
      entry.reject(entry.error.fill(value));
      return;
    }
    if (entry.finish === undefined) {
      entry.resolve(value);
      return;
    }
    let finished;
    try {
      finished = entry.finish(value);
    } catch (error) {
      entry.reject(error);
      return;
    }
    entry.resolve(finished);
  };

  // Errors that say by a `code` what kind they are.
  own.errorClass = (name) => {
    const ErrorClass = {
      [name]: class extends Error {
        fill({ code, message, status, reason }) {
          defineProperty(this, 'fill', { value: undefined });
          own.define(this, 'message', message);
          this.code = code;
          if (status !== undefined) this.status = status;
          if (reason !== undefined) this.reason = reason;
          return this;
        }
      },
    }[name];
    own.define(ErrorClass.prototype, 'name', name);
    own.global(name, ErrorClass);
    return ErrorClass;
  };

  own.here = () => new Error('').stack;
})
