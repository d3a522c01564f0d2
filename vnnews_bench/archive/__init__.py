"""Archives: files of any size tagged shard by shard, by processes on this machine or on a cluster, resumable at any time."""
