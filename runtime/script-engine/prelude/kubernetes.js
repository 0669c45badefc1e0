// A cluster. Objects are plain ones, as Kubernetes' API has them.
(function (native, own) {
  'use strict';
  const KubernetesError = own.errorClass('KubernetesError');
  const { parse, stringify } = own.json;

  const name = (what, value) => {
    if (typeof value !== 'string' || value === '') throw new TypeError(`${what} is a text`);
    return own.text(value);
  };
  const perhaps = (what, value) => (value === undefined || value === null ? undefined : name(what, value));
  const seconds = (value) =>
    value === undefined ? undefined : own.whole('graceSeconds', value, 0, 4294967295);

  // `app=web,tier=front`, also from {app: 'web', tier: 'front'}.
  const selector = (what, value) => {
    if (value === undefined || typeof value !== 'object' || value === null) return perhaps(what, value);
    let text = '';
    for (const key in value) text += `${text === '' ? '' : ','}${own.text(key)}=${own.text(value[key])}`;
    return text === '' ? undefined : text;
  };

  const call = (verb, said, finish, isChange) => {
    const start = () => native.startKubernetes(verb, said);
    return own.operation(KubernetesError, start, finish, isChange);
  };
  const take = (verb, options, known) => own.options(`kubernetes.${verb}`, options, known);
  const nothing = () => undefined;

  own.global('kubernetes', {
    list(resource, options) {
      const { namespace, labels, fields } = take('list', options, ['namespace', 'labels', 'fields']);
      const said = {
        resource: name('the resource', resource),
        namespace: perhaps('namespace', namespace),
        labels: selector('labels', labels),
        fields: selector('fields', fields),
      };
      return call('list', said, (texts) => {
        for (let i = 0; i < texts.length; i++) texts[i] = parse(texts[i]);
        return texts;
      }, false);
    },
    get(resource, object, options) {
      const { namespace } = take('get', options, ['namespace']);
      const said = {
        resource: name('the resource', resource),
        name: name('the name', object),
        namespace: perhaps('namespace', namespace),
      };
      return call('get', said, (text) => parse(text), false);
    },
    log(pod, options) {
      const { namespace, container, lines } = take('log', options, ['namespace', 'container', 'lines']);
      const said = {
        name: name('the pod', pod),
        namespace: name('namespace', namespace),
        container: perhaps('container', container),
        lines: lines === undefined ? undefined : own.whole('lines', lines, 1, 4294967295),
      };
      return call('log', said, undefined, false);
    },
    delete(resource, object, options) {
      const { namespace, graceSeconds } = take('delete', options, ['namespace', 'graceSeconds']);
      const said = {
        resource: name('the resource', resource),
        name: name('the name', object),
        namespace: perhaps('namespace', namespace),
        graceSeconds: seconds(graceSeconds),
      };
      return call('delete', said, nothing, true);
    },
    evict(pod, options) {
      const { namespace, graceSeconds } = take('evict', options, ['namespace', 'graceSeconds']);
      const said = {
        name: name('the pod', pod),
        namespace: name('namespace', namespace),
        graceSeconds: seconds(graceSeconds),
      };
      return call('evict', said, nothing, true);
    },
    patch(resource, object, patch, options) {
      const { namespace } = take('patch', options, ['namespace']);
      if (typeof patch !== 'object' || patch === null) throw new TypeError('the patch is an object');
      const said = {
        resource: name('the resource', resource),
        name: name('the name', object),
        namespace: perhaps('namespace', namespace),
        json: own.text(stringify(patch)),
      };
      return call('patch', said, (text) => parse(text), true);
    },
    scale(resource, object, replicas, options) {
      const { namespace } = take('scale', options, ['namespace']);
      const said = {
        resource: name('the resource', resource),
        name: name('the name', object),
        namespace: name('namespace', namespace),
        replicas: own.whole('the number of replicas', replicas, 0, 4294967295),
      };
      return call('scale', said, undefined, true);
    },
    create(resource, object, options) {
      const { namespace } = take('create', options, ['namespace']);
      if (typeof object !== 'object' || object === null) throw new TypeError('an object is created');
      const said = {
        resource: name('the resource', resource),
        namespace: perhaps('namespace', namespace),
        json: own.text(stringify(object)),
      };
      return call('create', said, (text) => parse(text), true);
    },
  });
})
