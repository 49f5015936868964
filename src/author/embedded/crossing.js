// What author code says of its rules and definitions, copied exactly. Stands before the glue, in one module with it, and
// like it keeps what it needs of the language before author code can replace it.
const crossingOf = (host) => {
  const { apply, ownKeys, defineProperty, getOwnPropertyDescriptor, getPrototypeOf, setPrototypeOf } = Reflect;
  const { freeze, create, hasOwn } = Object;
  const objects = Object.prototype;
  const lists = Array.prototype;
  const isArray = Array.isArray;
  const toText = String;
  const NativeRangeError = RangeError;
  const slice = String.prototype.slice;
  const wellFormed = String.prototype.isWellFormed;

  const show = (target, name, value) =>
    defineProperty(target, name, { __proto__: null, value, writable: true, enumerable: true, configurable: true });
  const push = (list, value) => show(list, list.length, value);
  // What inherits nothing answers only for itself, whatever author code makes of the prototypes.
  const record = (...pairs) => {
    const made = create(null);
    for (let i = 0; i < pairs.length; i += 2) show(made, pairs[i], pairs[i + 1]);
    return made;
  };
  const emptyList = () => {
    const made = [];
    setPrototypeOf(made, null);
    return made;
  };
  // The value of an own data member; a getter is never asked.
  const own = (value, key) => {
    const found = getOwnPropertyDescriptor(value, key);
    return found !== undefined && hasOwn(found, 'value') ? found.value : undefined;
  };

  // Rules and definitions cross as they stand: plain objects and lists, own data members. What JSON has no form for
  // stands there as a mark that says what it is, so that its reader refuses it by name: what is there is never absent.
  const MAX_LIST = 10000;
  const MAX_VALUES = 200000;
  const MAX_NEST = 100;
  const MARK = freeze(record('~function', true));
  const unfit = (what) => record('~unfit', what);
  const long = (length) => record('~long', length);
  const isReserved = (key) => key === '~function' || key === '~unfit' || key === '~long' || key === '~rules';
  const crossing = (left, list) => record('left', left, 'list', list, 'open', emptyList(), 'nest', 0,
    'skipsHidden', false, 'skipsUndefined', false);

  // Why an object or a function is not a plain one; empty for one that is.
  const misfit = (value) => {
    if (host.isProxy(value)) return 'a Proxy';
    if (typeof value === 'function') return 'a function';
    const above = getPrototypeOf(value);
    if (isArray(value)) return above === lists || above === null ? '' : 'a list of a class of its own';
    return above === null || above === objects ? '' : inheriting(above);
  };
  const inheriting = (above) => {
    if (host.isProxy(above)) return 'an object that inherits from a Proxy';
    const maker = own(above, 'constructor');
    const name = typeof maker === 'function' && !host.isProxy(maker) ? own(maker, 'name') : undefined;
    return typeof name === 'string' && name !== '' && apply(wellFormed, name, [])
      ? 'an instance of `' + apply(slice, name, [0, 60]) + '`'
      : 'an object that inherits members';
  };
  const cross = (value, state) => {
    state.left -= 1;
    if (state.left < 0) throw new NativeRangeError('it holds too many values to be described');
    switch (typeof value) {
      case 'boolean': return value;
      case 'string': return apply(wellFormed, value, []) ? value : unfit('text with half of a surrogate pair');
      case 'number': return value - value === 0 ? value : unfit(toText(value));
      case 'undefined': return unfit('undefined');
      case 'symbol': return unfit('a Symbol');
      case 'bigint': return unfit('a BigInt');
      case 'function': return host.isProxy(value) ? unfit('a Proxy') : MARK;
      default: return value === null ? null : crossObject(value, state, cross);
    }
  };
  // Copies an object or a list; `take` crosses what is in it.
  const crossObject = (value, state, take) => {
    const fault = misfit(value);
    if (fault !== '') return unfit(fault);
    if (state.nest >= MAX_NEST) return unfit('nested deeper than ' + MAX_NEST + ' levels');
    for (let i = 0; i < state.nest; i += 1) if (state.open[i] === value) return unfit('what holds itself in a circle');
    show(state.open, state.nest, value);
    state.nest += 1;
    const crossed = isArray(value) ? crossItems(value, state, take) : crossMembers(value, state, take);
    state.nest -= 1;
    return crossed;
  };
  const crossItems = (value, state, take) => {
    const { length } = value;
    if (length > state.list) return long(length);
    const keys = ownKeys(value);
    const copy = emptyList();
    let there = 1;
    for (let i = 0; i < length; i += 1) {
      const found = getOwnPropertyDescriptor(value, i);
      if (found !== undefined) there += 1;
      push(copy, found === undefined ? unfit('a hole in the list') : hasOwn(found, 'value') ? take(found.value, state, i) : unfit('a getter'));
    }
    return keys.length > there ? unfit('a list with members beside its entries') : copy;
  };
  const crossMembers = (value, state, take) => {
    const keys = ownKeys(value);
    if (keys.length > state.list) return long(keys.length);
    const copy = create(null);
    for (let i = 0; i < keys.length; i += 1) {
      const key = keys[i];
      if (typeof key === 'symbol') {
        if (state.skipsHidden) continue;
        return unfit('an object with a Symbol for a key');
      }
      if (isReserved(key)) return unfit('an object with the reserved key `' + key + '`');
      if (!apply(wellFormed, key, [])) return unfit('an object with half of a surrogate pair in a key');
      const found = getOwnPropertyDescriptor(value, key);
      if (!found.enumerable && state.skipsHidden) continue;
      if (state.skipsUndefined && hasOwn(found, 'value') && found.value === undefined) continue;
      show(copy, key, !hasOwn(found, 'value') ? unfit('a getter')
        : found.enumerable ? take(found.value, state, key) : unfit('a member that is not enumerable'));
    }
    return copy;
  };

  return {
    __proto__: null, record, emptyList, own, push, misfit, cross, crossObject, crossing, MAX_LIST, MAX_VALUES,
  };
};

