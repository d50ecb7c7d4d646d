// Which of several replicas leads, by a Lease.
export { createLeaderElection } from './leader-election.ts';
