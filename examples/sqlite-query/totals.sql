.mode column
.headers on
.width 10 10 6
select name, count(*) as purchases, sum(cents) as cents
from customer join purchase on customer = id
group by id order by cents desc;
