create table customer (id integer primary key, name text not null, city text not null);
create table purchase (customer integer references customer, item text, cents integer);
insert into customer values (1, 'Ada', 'London'), (2, 'Grace', 'Arlington'), (3, 'Edsger', 'Austin');
insert into purchase values
  (1, 'notebook', 450), (1, 'ink', 1200), (2, 'compiler', 9900), (3, 'pen', 250), (2, 'tape', 1750);
create index purchase_of on purchase (customer);
