import { describe, expect, it } from 'vitest';
import { Lanes } from './lanes.ts';

const key = (namespace: string, name: string) => ({ namespace, name });

describe('Lanes', () => {
  it('parks what a full lane cannot take and hands it out when a place gets free', () => {
    const lanes = new Lanes({ perLane: 2, total: 4 });
    const entered = ['1', '2', '3', '4'].map((name) => lanes.enter('evil', key('evil', name)));
    expect(entered).toEqual([true, true, false, false]);
    expect(lanes.enter('good', key('good', '1'))).toBe(true);
    expect(lanes.leave('good')).toBeUndefined();
    expect(lanes.leave('evil')).toEqual({ lane: 'evil', key: key('evil', '3') });
  });
  it('serves lanes in turn', () => {
    const lanes = new Lanes({ perLane: 1, total: 1 });
    for (const namespace of ['a', 'a', 'a', 'b', 'c']) lanes.enter(namespace, key(namespace, 'x'));
    const order: string[] = [];
    for (let next = lanes.leave('a'); next; next = lanes.leave(next.lane)) order.push(next.lane);
    expect(order).toEqual(['a', 'b', 'c', 'a']);
  });
  it('never lets all lanes together take more than their share', () => {
    const lanes = new Lanes({ perLane: 2, total: 3 });
    const entered = ['a', 'a', 'b', 'b', 'c'].map((name) => lanes.enter(name, key(name, 'x')));
    expect(entered).toEqual([true, true, true, false, false]);
  });
});
