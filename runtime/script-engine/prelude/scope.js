// What one call is about: arguments, configuration, secrets, and the value that is judged.
(function (native, own) {
  'use strict';
  const { parse } = own.json;
  const { defineProperty } = Object;

  const configured = (name) => {
    const [text, denied] = native.configuration(name);
    if (denied !== undefined) throw new Error(denied);
    return text === undefined ? undefined : parse(text);
  };
  const secret = ([placeholder, why]) => {
    if (placeholder === undefined) throw new Error(why);
    return placeholder;
  };

  own.enter = (args, names, value) => {
    const given = parse(args);
    const judged = value === undefined ? undefined : parse(value);
    own.global('args', given);
    own.global('value', judged);
    const configuration = {};
    for (let i = 0; i < names.length; i++) {
      const name = names[i];
      // Asked for when it is read, and then there.
      defineProperty(configuration, name, {
        get() {
          const value = configured(name);
          defineProperty(configuration, name, { value, enumerable: true, configurable: true });
          return value;
        },
        enumerable: true,
        configurable: true,
      });
    }
    own.global('configuration', configuration);
    return [given, judged];
  };

  own.global('secrets', {
    get: (target, key) => secret(native.placeholder(own.text(target), own.text(key))),
    basicAuthorization: (user, target, key) =>
      secret(native.basicAuthorization(own.text(user), own.text(target), own.text(key))),
  });
})
