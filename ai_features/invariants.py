from config.core.invariants import Invariant

INVARIANTS = [
    Invariant(
        "an answered AI request and its transaction say the same charge",
        """
        SELECT request.id, request.credits_charged, used.credits_charged
          FROM ai_features_airequest AS request
          LEFT JOIN subscriptions_aitransaction AS used ON used.request_id = request.id
         WHERE request.status = 'succeeded'
           AND (used.status IS DISTINCT FROM 'success' OR used.credits_charged <> request.credits_charged)
        """,
    ),
    Invariant(
        "a failed AI request was not charged",
        """
        SELECT request.id, used.credits_charged
          FROM ai_features_airequest AS request
          JOIN subscriptions_aitransaction AS used ON used.request_id = request.id
         WHERE request.status = 'failed' AND used.credits_charged <> 0
        """,
    ),
    Invariant(
        "no AI answer waits for its charge longer than a hold lives",
        """
        SELECT id, finished_at FROM ai_features_airequest
         WHERE status = 'answered' AND finished_at < now() - interval '20 minutes'
        """,
    ),
]
