import type { ChildProcess } from 'node:child_process';

/** What a process of the benchmark can be asked over its IPC channel. Arguments and answers are plain data. */
export type Questions = Readonly<Record<string, (argument: unknown) => unknown>>;

interface Asked {
  readonly question: number;
  readonly name: string;
  readonly argument: unknown;
}

interface Answered {
  readonly question: number;
  readonly answer: unknown;
}

/** Lets the parent process ask. The channel alone does not keep this process running. */
export function answerQuestions(questions: Questions): void {
  process.on('message', async ({ question, name, argument }: Asked) => {
    const answer = await questions[name]?.(argument);
    process.send?.({ question, answer } satisfies Answered);
  });
  process.channel?.unref();
}

/** Asks a child process; rejects when it ends without an answer. */
export function createAsker(child: ChildProcess): <A>(name: string, argument?: unknown) => Promise<A> {
  const open = new Map<number, { resolve(answer: unknown): void; reject(error: Error): void }>();
  let last = 0;
  child.on('message', (message) => {
    const { question, answer } = message as Answered;
    open.get(question)?.resolve(answer);
    open.delete(question);
  });
  child.on('exit', () => {
    for (const { reject } of open.values()) reject(new Error('the process ended before it answered'));
    open.clear();
  });
  return <A>(name: string, argument: unknown = null) => {
    last += 1;
    const question = last;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    open.set(question, { resolve, reject });
    child.send({ question, name, argument } satisfies Asked, (error) => {
      if (error !== null) reject(error);
    });
    return promise as Promise<A>;
  };
}
