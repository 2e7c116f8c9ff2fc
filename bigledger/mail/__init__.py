"""Every mail that leaves the platform: one table, one job, one pair of templates.

Owns `Mail`, `queue_mail()` and the job that delivers. A mail is a row in the transaction of the change it tells of, so
it exists if and only if the change does; its text is made when it leaves, by the kind that the app registered in its
`mails.py`. Invariants: an attempt is counted before it begins, so whatever goes wrong is counted; no mail waits for
another one; a mail that is no longer true is not sent; no text of a customer reaches a header with a line break in it.
"""
