// Stands for a binding that leads nowhere: whatever is called on it throws, at once or once awaited, and so
// does what is called on that.
function failing(error) {
  const answer = Promise.reject(error);
  answer.catch(() => {});
  return new Proxy(function () {}, {
    get(_, key) {
      if (key === "then" || key === "catch" || key === "finally") return answer[key].bind(answer);
      if (key === Symbol.toPrimitive) throw error;
      return typeof key === "symbol" ? undefined : failing(error);
    },
    apply: () => failing(error),
  });
}

export default function (env) {
  return new Proxy({}, {
    get(_, key) {
      if (typeof key === "symbol" || key === "then" || key === "toJSON") return undefined;
      return failing(new Error(env.text));
    },
  });
}
